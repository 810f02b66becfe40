"""What fingers and keyboards do to a message: typos, homophones, casing, punctuation, chat words, fillers.

Noise is applied piece by piece, so that marked spans stay verbatim parts of the message.
"""

import random
import re

from .label import Example

HOMOPHONES = {
    "的": "得地滴", "得": "的", "地": "的", "吗": "嘛麻马", "呢": "捏", "在": "再", "再": "在", "做": "作", "带": "戴", "戴": "带",
    "那": "哪", "哪": "那", "是": "事", "有": "又", "买": "卖", "款": "宽", "到": "道", "他": "她", "像": "象",
    "没": "木", "什": "神", "么": "吗", "想": "像", "给": "跟", "这": "着", "便": "变", "推": "退", "荐": "见", "码": "吗", "帮": "邦",
    "需": "须", "冬": "东", "穿": "川", "期": "其", "以": "已", "已": "以", "和": "合", "跟": "根", "点": "店", "多": "都", "少": "小",
    "里": "裏", "客": "刻", "服": "福", "退": "推", "换": "还", "订": "定", "定": "订", "单": "但", "快": "块", "递": "弟", "查": "察",
}
CHAT = {"you": "u", "please": "pls", "thanks": "thx", "are": "r", "because": "cuz", "want to": "wanna", "going to": "gonna",
        "do not": "dont", "don't": "dont", "i'm": "im", "what's": "whats", "something": "smth", "for": "4", "with": "w/",
        "without": "w/o", "about": "abt", "and": "&", "people": "ppl", "between": "btw"}
FRONT = {
    "zh": ["你好，", "亲，", "老板，", "请问", "那个，", "嗯", "麻烦问下", "哈喽 ", "我想问一下", "不好意思，", "对了，", "hi，", "在吗，", "诶", "帮我看看，", "话说"],
    "en": ["hi, ", "hello, ", "hey ", "um ", "ok so ", "excuse me, ", "quick question: ", "hi there! ", "please, ", "yo ", "sorry, ",
           "just wondering, ", "good morning, ", "so ", "well, ", "oh and ", "can you help me? "],
}
BACK = {
    "zh": ["，谢谢", "，急", "，麻烦了", "啊", "哈", "哦", "呀", " 谢谢", "，在线等", "🙏", "~", "！", "？", "。", "…", "，拜托", "呗", "哈哈", "，亲"],
    "en": [" please", " thanks", ", thanks", " pls", "?", "!", ".", " :)", " asap", "...", " thx", " if possible", " 🙏", ", cheers", " tia", "??"],
}
CHATTY = {"greet", "thanks", "smalltalk", "off_topic", "unclear", "human", "complaint"}


def with_noise(rng: random.Random, language: str, example: Example, strength: float) -> Example:
    """A copy with some noise; `strength` 0–1 is the chance of each kind, scaled."""
    pieces = list(example.pieces)
    if example.intent not in CHATTY and rng.random() < 0.25 * strength:
        pieces.insert(0, (rng.choice(FRONT[language]), None))
    if example.intent not in ("unclear", "greet") and rng.random() < 0.2 * strength:
        pieces.append((rng.choice(BACK[language]), None))
    if language == "zh":
        pieces = zh_noise(rng, pieces, strength)
    else:
        pieces = en_noise(rng, pieces, strength)
    pieces = [(words, slot) for words, slot in pieces if words]
    return Example(example.intent, example.context, pieces, example.fixed) if pieces else example


def zh_noise(rng, pieces, strength):
    if rng.random() < 0.12 * strength:
        pieces = [(re.sub("[，。、！？]", " ", words) if slot is None else words, slot) for words, slot in pieces]
    elif rng.random() < 0.08 * strength:
        pieces = [(re.sub("[，。、！？]", "", words) if slot is None else words, slot) for words, slot in pieces]
    elif rng.random() < 0.08 * strength:
        pieces = [(words.replace("，", ",").replace("？", "?"), slot) for words, slot in pieces]
    if rng.random() < 0.2 * strength:
        pieces = [("".join(rng.choice(HOMOPHONES[c]) if c in HOMOPHONES and rng.random() < 0.15 else c for c in words)
                   if slot is None else words, slot) for words, slot in pieces]
    if rng.random() < 0.05 * strength:
        place = rng.randrange(len(pieces))
        words, slot = pieces[place]
        if slot is None and len(words) > 3:
            cut = rng.randrange(len(words))
            pieces[place] = (words[:cut] + words[cut + 1:], slot)
    return pieces


def en_noise(rng, pieces, strength):
    case = rng.random()
    if case < 0.3 * strength:
        pieces = [(words.lower(), slot) for words, slot in pieces]
    elif case < 0.36 * strength:
        pieces = [(words.upper(), slot) for words, slot in pieces]
    elif case < 0.6 * strength and pieces:
        words, slot = pieces[0]
        pieces[0] = (words[:1].upper() + words[1:], slot)
    elif case < 0.64 * strength:
        pieces = [(words.title(), slot) for words, slot in pieces]
    if rng.random() < 0.15 * strength:
        pieces = [(re.sub(r"[,.!?']", "", words) if slot is None else words, slot) for words, slot in pieces]
    if rng.random() < 0.15 * strength:
        long, short = rng.choice(list(CHAT.items()))
        pieces = [(re.sub(rf"\b{long}\b", short, words) if slot is None else words, slot) for words, slot in pieces]
    if rng.random() < 0.25 * strength:
        pieces = [(" ".join(typo(rng, word) if rng.random() < 0.15 else word for word in words.split(" ")), slot)
                  for words, slot in pieces]
    return pieces


def typo(rng, word: str) -> str:
    """One letter dropped, doubled, swapped with its neighbour, or replaced."""
    if len(word) < 4 or not word.isalpha():
        return word
    place = rng.randrange(1, len(word) - 1)
    return rng.choice([
        word[:place] + word[place + 1:], word[:place] + word[place] + word[place:],
        word[:place] + word[place + 1] + word[place] + word[place + 2:],
        word[:place] + rng.choice("etaoinsrhl") + word[place + 1:],
    ])
