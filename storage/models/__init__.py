"""One file per concept; importing this package makes every table known to ``Base.metadata``."""

from storage.models.agenda_item import AgendaItem, Attachment, Revision, Section, SectionKind
from storage.models.analysis import Analysis, Grade, Match, MatchOrigin
from storage.models.association import Association, Profile, ProfileKind
from storage.models.case import Case
from storage.models.committee import Committee, CommitteeKind
from storage.models.document import Document, DocumentStatus
from storage.models.feedback import Feedback, FollowedCase, Verdict
from storage.models.meeting import Meeting, Publication, PublicationStatus, Stage
from storage.models.message import Message, MessageEntry, MessageKind, MessageStatus
from storage.models.municipality import Municipality, Source
from storage.models.policy import Policy, PolicyGoal
from storage.models.profile_check import ProfileCheck
from storage.models.recipient import Frequency, Recipient, Role, Subscription, SubscriptionStatus
from storage.models.run import CrawlOutcome, CrawlRun, JobRun

__all__ = [
    "AgendaItem",
    "Analysis",
    "Association",
    "Attachment",
    "Case",
    "Committee",
    "CommitteeKind",
    "CrawlOutcome",
    "CrawlRun",
    "Document",
    "DocumentStatus",
    "Feedback",
    "FollowedCase",
    "Frequency",
    "Grade",
    "JobRun",
    "Match",
    "MatchOrigin",
    "Meeting",
    "Message",
    "MessageEntry",
    "MessageKind",
    "MessageStatus",
    "Municipality",
    "Policy",
    "PolicyGoal",
    "Profile",
    "ProfileCheck",
    "ProfileKind",
    "Publication",
    "PublicationStatus",
    "Recipient",
    "Revision",
    "Role",
    "Section",
    "SectionKind",
    "Source",
    "Stage",
    "Subscription",
    "SubscriptionStatus",
    "Verdict",
]
