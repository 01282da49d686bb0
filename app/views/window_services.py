"""What the window asks to act, in one value."""

from __future__ import annotations

from msgspec import Struct

from app.services.appearance import AppearanceService
from app.services.arrangement import ArrangementService
from app.services.chat import ChatService
from app.services.conversations import ConversationService
from app.services.first_run import FirstRunService
from app.services.language import LanguageService
from app.services.message_tree import MessageTreeService
from app.services.models import ModelService
from app.services.personas import PersonaService
from app.services.preferences import PreferenceService
from app.services.recents import Recents
from app.services.search import SearchService
from app.services.steering import SteeringService
from app.services.transfer import TransferService
from app.services.tuning import TuningService
from app.services.window_memory import WindowMemory
from app.views.writing import Writing


class Services(Struct, frozen=True):
    """All that the window asks to act."""

    chat: ChatService
    conversations: ConversationService
    models: ModelService
    tuning: TuningService
    search: SearchService
    arrangement: ArrangementService
    tree: MessageTreeService
    steering: SteeringService
    personas: PersonaService
    memory: WindowMemory
    transfer: TransferService
    recents: Recents
    writing: Writing
    preferences: PreferenceService
    first_run: FirstRunService
    language: LanguageService
    appearance: AppearanceService
