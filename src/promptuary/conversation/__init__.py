"""Questions over events, answered by exact queries; and what is unusual among them, noticed."""
