"""The one page that the lead reads every week."""
