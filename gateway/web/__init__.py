"""The web application: webhooks, uploads and the pages that need channels or readings."""
