"""What Promptuary speaks about: frozen values, standard library only (vectors know numpy)."""
