"""What is kept: readers' feedback, and conversations where the maintainer turned that on.

Importing this package loads no database library: `Records.open` does.
"""

from assistant.errors import RecordsError
from assistant.records.exchange import KeptExchange
from assistant.records.feedback import MOST_COMMENT, VERDICTS, Feedback, FeedbackVerdict
from assistant.records.keeper import Records

__all__ = ["MOST_COMMENT", "VERDICTS", "Feedback", "FeedbackVerdict", "KeptExchange", "Records", "RecordsError"]
