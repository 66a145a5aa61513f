"""One module or folder per way in: how what arrives is recognised, and how an answer is put."""
