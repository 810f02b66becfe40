"""Public utterances that add variety where the project's own text is thin: off-topic requests and service questions.

Read from a folder beside the project when it is there, never committed: CLINC150 (CC BY 3.0), Bitext customer support
(CDLA-Sharing-1.0), CrossWOZ (Apache-2.0). Only labels that map cleanly are taken; CLINC150's test part is left out.
"""

import json
from pathlib import Path

from .label import Example

CLINC_CHAT = {
    "greeting": "greet", "goodbye": "thanks", "thank_you": "thanks", "tell_joke": "smalltalk", "are_you_a_bot": "smalltalk",
    "what_is_your_name": "smalltalk", "how_old_are_you": "smalltalk", "where_are_you_from": "smalltalk",
    "what_are_your_hobbies": "smalltalk", "who_made_you": "smalltalk", "do_you_have_pets": "smalltalk",
    "who_do_you_work_for": "smalltalk", "what_can_i_ask_you": "smalltalk", "fun_fact": "smalltalk",
}
# Labels that a shop might be asked about, or that could mean anything here.
CLINC_SKIPPED = {"order_status", "order", "shopping_list", "shopping_list_update", "yes", "no", "maybe", "repeat",
                 "cancel", "change_language", "change_speed", "change_volume", "change_accent", "change_ai_name",
                 "change_user_name", "user_name", "reset_settings", "sync_device", "whisper_mode", "measurement_conversion",
                 "damaged_card", "redeem_rewards", "rewards_balance", "application_status", "report_fraud", "pay_bill",
                 "report_lost_card", "what_song", "cook_time", "todo_list", "last_maintenance", "transactions", "tire_change",
                 "tire_pressure", "jump_start", "spending_history", "improve_credit_score", "account_blocked", "card_declined"}
BITEXT = {
    "cancel_order": ("order_change", {"topic": "cancel"}), "change_order": ("order_change", {"topic": "other"}),
    "change_shipping_address": ("order_change", {"topic": "address"}), "check_payment_methods": ("policy", {"topic": "payment"}),
    "check_refund_policy": ("policy", {"topic": "refund"}), "complaint": ("complaint", {}),
    "contact_human_agent": ("human", {}), "delivery_options": ("policy", {"topic": "shipping"}),
    "get_refund": ("order_change", {"topic": "refund"}), "track_order": ("order_status", {}),
    "delete_account": ("privacy", {}),
}
CROSSWOZ_CHAT = {"General-thank": "thanks", "General-bye": "thanks"}


def read_json_lines(path: Path):
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_public(folder: Path) -> list[tuple[str, Example]]:
    """What is there of the three sets, mapped; an absent set gives nothing."""
    found: list[tuple[str, Example]] = []
    clinc, bitext, crosswoz = (folder / name for name in ("clinc150_en.jsonl", "bitext_support_en.jsonl", "crosswoz_zh.jsonl"))
    if clinc.exists():
        for row in read_json_lines(clinc):
            if row["intent"] not in CLINC_SKIPPED and "test" not in row.get("split", ""):
                intent = CLINC_CHAT.get(row["intent"], "off_topic")
                found.append(("en", Example(intent, "-", [(row["text"].replace("|", "/"), None)])))
    if bitext.exists():
        for row in read_json_lines(bitext):
            if row["intent"] in BITEXT:
                intent, fixed = BITEXT[row["intent"]]
                found.append(("en", Example(intent, "-", marked_order(row), dict(fixed))))
    if crosswoz.exists():
        for row in read_json_lines(crosswoz):
            chat = CROSSWOZ_CHAT.get(row["intent"])
            domains = [part.split("-")[-1] for part in row.get("intents", [])]
            if chat and len(row["intents"]) <= 2 and all(part.startswith("General") for part in row["intents"]):
                found.append(("zh", Example(chat, "-", [(row["text"], None)])))
            elif domains and all(part in ("餐馆", "酒店", "景点", "地铁", "出租") for part in domains):
                if any(word in row["text"] for word in ("餐", "酒店", "景点", "玩", "地铁", "打车", "出租", "吃", "住")):
                    found.append(("zh", Example("off_topic", "-", [(row["text"], None)])))
    return found


def marked_order(row: dict) -> list[tuple[str, str | None]]:
    """The text with its order number marked, where the set says there is one."""
    text = row["text"]
    for slot in row.get("slots", []):
        start, end = int(slot["start"]), int(slot["end"])
        if slot["type"] == "order_id" and any(c.isdigit() for c in text[start:end]):
            return [piece for piece in ((text[:start], None), (text[start:end], "order_id"), (text[end:], None)) if piece[0]]
    return [(text, None)]
