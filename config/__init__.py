"""Settings, consultation files, words, texts and the limited child process: what every room may use."""
