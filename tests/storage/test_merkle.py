"""The Merkle tree against the vectors that certificate transparency has used since RFC 6962, and against itself."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from output_checker.storage.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    consistent,
    includes,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
)

# the eight leaves and roots of the reference implementation's test data
LEAVES = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(n.to_bytes(4, "big")) for n in range(size)]


def test_the_roots_are_those_of_the_reference_vectors() -> None:
    assert root_of([]) == EMPTY_ROOT == hashlib.sha256(b"").digest()
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    assert [root_of(hashes[: n + 1]).hex() for n in range(8)] == ROOTS


def test_inclusion_proofs_are_those_of_the_reference_vectors() -> None:
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    assert [step.hex() for step in inclusion_proof(0, hashes)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [step.hex() for step in inclusion_proof(2, hashes[:3])] == [ROOTS[1]]


def test_consistency_proofs_are_those_of_the_reference_vectors() -> None:
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    assert [step.hex() for step in consistency_proof(6, hashes)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_every_inclusion_proof_up_to_sixty_four_leaves_holds_and_no_other_leaf_fits_it() -> None:
    for size in range(1, 65):
        leaves = leaves_of(size)
        root = root_of(leaves)
        for index, leaf in enumerate(leaves):
            proof = inclusion_proof(index, leaves)
            assert includes(index, size, leaf, proof, root)
            assert not includes(index, size, leaf_hash(b"other"), proof, root)
            assert not includes((index + 1) % size, size, leaf, proof, root) or size == 1
            assert not includes(index, size, leaf, (*proof, leaf), root)
            assert not proof or not includes(index, size, leaf, proof[:-1], root)


def test_every_consistency_proof_up_to_sixty_four_leaves_holds_and_fits_no_other_tree() -> None:
    leaves = leaves_of(64)
    roots = [root_of(leaves[:size]) for size in range(65)]
    for new in range(65):
        for old in range(new + 1):
            proof = consistency_proof(old, leaves[:new])
            assert consistent(old, new, proof, roots[old], roots[new])
            if old:
                assert not consistent(old, new, proof, leaf_hash(b"other"), roots[new])
                assert not consistent(old, new, proof, roots[old], leaf_hash(b"other"))
                assert not consistent(old, new, (*proof, leaves[0]), roots[old], roots[new])


@given(st.integers(2, 64), st.data())
def test_a_proof_with_one_flipped_bit_proves_nothing(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    index = data.draw(st.integers(0, size - 1))
    proof = list(inclusion_proof(index, leaves))
    step, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    flipped = int.from_bytes(proof[step], "big") ^ (1 << bit)
    proof[step] = flipped.to_bytes(32, "big")
    assert not includes(index, size, leaves[index], proof, root_of(leaves))


def test_a_node_is_no_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) != leaf_hash(left + right)


def test_the_frontier_has_the_root_of_the_whole_tree_and_never_the_one_before() -> None:
    frontier, roots = Frontier(), [EMPTY_ROOT]
    leaves = leaves_of(200)
    for size, leaf in enumerate(leaves, start=1):
        frontier = frontier.append(leaf)
        roots.append(frontier.root)
        assert (frontier.size, len(frontier.peaks)) == (size, size.bit_count())
    assert roots[-1] == _slow_root(leaves)
    assert all(a != b for a, b in pairwise(roots))


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_proof_for_what_is_not_there(index: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, leaves_of(3))
    assert not includes(index, 3, leaf_hash(b""), (), EMPTY_ROOT)
    with pytest.raises(ValueError, match="no prefix"):
        consistency_proof(4, leaves_of(3))
    assert not consistent(4, 3, (), EMPTY_ROOT, EMPTY_ROOT)


def _slow_root(leaves: list[bytes]) -> bytes:
    """The definition in RFC 9162 section 2.1.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + _slow_root(leaves[:k]) + _slow_root(leaves[k:])).digest()
