"""An ordinary telephone as provider: the app "SMS Gateway for Android"."""
