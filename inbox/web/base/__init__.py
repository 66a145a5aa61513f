"""What every page shares: who may enter, languages, navigation, errors, forms."""
