"""The desk: queues, keys, who looks, bulk actions, notes, masks, joining and splitting, appeals."""
