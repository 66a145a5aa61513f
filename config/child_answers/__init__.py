"""What limited children answer: plain data and files of their own, read with distrust."""
