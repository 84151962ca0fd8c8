"""Rows to matches: Danish language, the thesaurus, profiles, and the judgement whether an item concerns one."""
