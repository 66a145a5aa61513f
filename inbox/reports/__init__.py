"""Reports for officials: figures counted from rows, quotations as places in texts, what people arrange around them."""
