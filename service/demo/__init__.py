"""A made-up municipality on this machine: council site, associations and catalogue for `dagsordenvagt demo`."""
