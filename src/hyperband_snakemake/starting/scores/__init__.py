"""Programs that find a score; run.sh carries one of them."""
