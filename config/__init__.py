"""What a person may change without programming: settings, catalogue, thesaurus, schedule."""
