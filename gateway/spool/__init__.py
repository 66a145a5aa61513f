"""The fallback door: webhooks kept in sealed files while the gateway cannot take them."""
