"""One file per concept; importing this package makes every table known to ``Base.metadata``."""

from storage.models.agenda_item import AgendaItem, Attachment, Revision, Section, SectionKind
from storage.models.analysis import Analysis, Grade, Match, MatchOrigin
from storage.models.announced import AnnouncedCase, AnnouncedList, AnnouncedMatch, CaseState, ListStatus
from storage.models.association import Association, Profile, ProfileKind
from storage.models.attachment_fetch import AttachmentFetch, FetchStatus
from storage.models.backfill import Backfill
from storage.models.bounce import Bounce, BounceKind
from storage.models.case import Case
from storage.models.committee import Committee, CommitteeKind
from storage.models.document import Document, DocumentArrival, DocumentStatus, DocumentTerms
from storage.models.feedback import Feedback, FollowedCase, Verdict
from storage.models.meeting import Meeting, Publication, PublicationStatus, Stage
from storage.models.message import (
    NEVER_ARRIVED,
    AttemptOutcome,
    Message,
    MessageAttempt,
    MessageEntry,
    MessageKind,
    MessageStatus,
    UnmadeMail,
)
from storage.models.missed_report import MissedOutcome, MissedReport
from storage.models.municipality import Municipality, Source
from storage.models.notice import NoticeEntry
from storage.models.policy import Policy, PolicyGoal
from storage.models.profile_check import ProfileCheck
from storage.models.recipient import Frequency, Recipient, Role, Subscription, SubscriptionStatus
from storage.models.reminder import HandledDeadline, Reminder
from storage.models.report import DocumentTables, Report, TableStatus
from storage.models.run import CrawlOutcome, CrawlRun, JobRun
from storage.models.source_alarm import SourceAlarm, SourceProbe, SourceState

__all__ = [
    "NEVER_ARRIVED",
    "AgendaItem",
    "Analysis",
    "AnnouncedCase",
    "AnnouncedList",
    "AnnouncedMatch",
    "Association",
    "Attachment",
    "AttachmentFetch",
    "AttemptOutcome",
    "Backfill",
    "Bounce",
    "BounceKind",
    "Case",
    "CaseState",
    "Committee",
    "CommitteeKind",
    "CrawlOutcome",
    "CrawlRun",
    "Document",
    "DocumentArrival",
    "DocumentStatus",
    "DocumentTables",
    "DocumentTerms",
    "Feedback",
    "FetchStatus",
    "FollowedCase",
    "Frequency",
    "Grade",
    "HandledDeadline",
    "JobRun",
    "ListStatus",
    "Match",
    "MatchOrigin",
    "Meeting",
    "Message",
    "MessageAttempt",
    "MessageEntry",
    "MessageKind",
    "MessageStatus",
    "MissedOutcome",
    "MissedReport",
    "Municipality",
    "NoticeEntry",
    "Policy",
    "PolicyGoal",
    "Profile",
    "ProfileCheck",
    "ProfileKind",
    "Publication",
    "PublicationStatus",
    "Recipient",
    "Reminder",
    "Report",
    "Revision",
    "Role",
    "Section",
    "SectionKind",
    "Source",
    "SourceAlarm",
    "SourceProbe",
    "SourceState",
    "Stage",
    "Subscription",
    "SubscriptionStatus",
    "TableStatus",
    "UnmadeMail",
    "Verdict",
]
