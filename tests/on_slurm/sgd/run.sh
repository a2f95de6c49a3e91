#!/usr/bin/env bash
set -euo pipefail
"$HYBAND_PYTHON" "$(dirname "$0")/sgd.py" "$1" "$2"
