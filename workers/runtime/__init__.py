"""What every process and step needs: settings, leases, errors, backoff, heartbeats."""
