"""What lies on the disk beside the database: keys and files."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.config import SettingsError, key_file
from servicedesk.core.blobs import BlobMissingError, BlobStore
from servicedesk.core.crypto import MASTER_KEY_ENV, DecryptionError, Keyring

SECRET = {"password": "hunter2", "enable_secret": "密码"}


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_blob_comes_back_by_its_hash(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    address = store.put(b"content")
    assert address == hashlib.sha256(b"content").hexdigest()
    assert store.get(address) == store.path(address).read_bytes() == b"content"


def test_many_who_keep_the_same_content_at_once_keep_one_whole_file(tmp_path: Path) -> None:
    store, content, start = BlobStore(tmp_path), b"x" * 300_000, threading.Barrier(8)
    addresses: list[str] = []

    def put() -> None:
        start.wait(10)
        addresses.append(store.put(content))

    threads = [threading.Thread(target=put) for _unused in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(set(addresses)) == 1
    assert len(addresses) == 8
    assert [path.name for path in files(tmp_path)] == [addresses[0]]
    assert store.get(addresses[0]) == content


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("servicedesk.core.blobs.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        BlobStore(tmp_path).put(b"content")
    assert files(tmp_path) == []


def test_a_blob_that_is_gone_is_told_so(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    address = store.put(b"content")
    store.path(address).unlink()
    for read in (store.get, store.path):
        with pytest.raises(BlobMissingError, match=address):
            read(address)


@pytest.mark.parametrize(
    "address",
    ["", "ab", "../../etc/passwd", "A" * 64, "g" * 64, "a" * 63, "a" * 65, "/" * 64, "." * 64, "\0" * 64],
)
def test_an_altered_address_never_leaves_the_folder(tmp_path: Path, address: str) -> None:
    store = BlobStore(tmp_path)
    for use in (store.get, store.path, lambda a: store.put(b"x", sha256=a or "-")):
        with pytest.raises(BlobMissingError):
            use(address)
    assert files(tmp_path) == []


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=200), max_size=5))
def test_any_secret_comes_back_as_it_was(secret: dict[str, str]) -> None:
    keyring = Keyring(["k"])
    assert keyring.decrypt(keyring.encrypt(secret)) == secret


def test_a_token_tells_nothing_and_is_never_the_same_twice() -> None:
    keyring = Keyring(["k"])
    first, second = keyring.encrypt(SECRET), keyring.encrypt(SECRET)
    assert first != second
    assert "hunter2" not in first


@pytest.mark.parametrize("keys", [["other"], ["other", "another"]])
def test_with_the_wrong_key_a_secret_stays_shut_and_the_error_says_why(keys: list[str]) -> None:
    token = Keyring(["right"]).encrypt(SECRET)
    with pytest.raises(DecryptionError, match="master key"):
        Keyring(keys).decrypt(token)
    with pytest.raises(DecryptionError, match="master key"):
        Keyring(keys).rotate(token)


@pytest.mark.parametrize("damage", ["", "x", "gAAAA", "密", "\x00"])
def test_a_damaged_token_is_a_decryption_error(damage: str) -> None:
    keyring = Keyring(["k"])
    token = keyring.encrypt(SECRET)
    for altered in (damage, token[:-4] + damage, token[:10] + "A" + token[11:-2] + damage):
        with pytest.raises(DecryptionError):
            keyring.decrypt(altered)


def test_the_newest_key_encrypts_and_every_key_decrypts() -> None:
    old = Keyring(["old"]).encrypt(SECRET)
    both = Keyring(["new", "old"])
    assert both.decrypt(old) == SECRET
    assert Keyring(["new"]).decrypt(both.rotate(old)) == SECRET
    assert Keyring(["new"]).decrypt(both.encrypt(SECRET)) == SECRET


def test_without_any_key_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="There is no master key"):
        Keyring.load(tmp_path, {MASTER_KEY_ENV: " , ,"})


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    token = Keyring.load(tmp_path, {MASTER_KEY_ENV: "new, old"}).encrypt(SECRET)
    assert not (tmp_path / "master.key").exists()
    assert Keyring(["new"]).decrypt(token) == SECRET


def test_the_first_start_makes_a_key_that_only_the_owner_reads(tmp_path: Path) -> None:
    token = Keyring.load(tmp_path, {}).encrypt(SECRET)
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600
    assert Keyring.load(tmp_path, {}).decrypt(token) == SECRET


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o601])
def test_a_key_others_can_read_is_refused_with_the_command_that_helps(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    key_file(path)
    path.chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600"):
        Keyring.load(tmp_path, {})


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path, found, start = tmp_path / "new" / "secret.key", set(), threading.Barrier(8)

    def make() -> None:
        start.wait(10)
        found.add(key_file(path))

    threads = [threading.Thread(target=make) for _unused in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == {path.read_text()}
    assert [p.name for p in files(tmp_path)] == ["secret.key"]


def test_a_key_file_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsError, match="cannot be used"):
        key_file(tmp_path / "file" / "master.key")
    (tmp_path / "folder.key").mkdir(mode=0o700)
    with pytest.raises(SettingsError, match="cannot be used"):
        key_file(tmp_path / "folder.key")
    empty = tmp_path / "empty.key"
    empty.touch(mode=0o600)
    with pytest.raises(SettingsError):
        Keyring([line for line in key_file(empty).splitlines() if line])


def test_marks_of_hidden_secrets_outlive_a_rotation() -> None:
    before, after = Keyring(["old"]), Keyring(["new", "old"])
    assert after.mark_key("marks") == before.mark_key("marks")
    assert after.mark_key("marks") != after.mark_key("something else")
    assert Keyring(["new"]).mark_key("marks") != before.mark_key("marks")
