"""All that is Twilio's: the proof that it sent a webhook, texts, calls, files and lists."""
