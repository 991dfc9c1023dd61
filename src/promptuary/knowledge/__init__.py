"""Knowledge: folders and sites brought into a collection as documents and passages."""
