"""Files in and out: images, label maps, folders of masks, tables; whole or not at all."""
