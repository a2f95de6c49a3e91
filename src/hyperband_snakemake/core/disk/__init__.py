"""Reading and writing files so that neither a crash nor a second process spoils them."""
