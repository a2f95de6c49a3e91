"""Files, locks and processes of this host, so that neither a crash nor a second process spoils anything."""
