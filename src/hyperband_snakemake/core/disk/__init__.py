"""Files, locks and processes of this host, handled so that neither a crash nor a second process does harm."""
