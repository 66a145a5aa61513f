"""What every part of the gateway uses: opening the store, waking the queue, exit codes."""
