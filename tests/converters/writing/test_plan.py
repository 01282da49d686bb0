from pathlib import Path

import gguf
import numpy as np
import pytest

from converters.typed_value import TypedValue, boolean, float32s, int32s, string, strings, uint32
from converters.writing.encoding import encode, encode_all
from converters.writing.plan import TensorShape, make_plan

_F32, _Q4 = gguf.GGMLQuantizationType.F32, gguf.GGMLQuantizationType.Q4_0
_VALUES = {
    "general.architecture": string("llama"),
    "a.text": string("Überraschung"),
    "a.number": uint32(7),
    "a.flag": boolean(True),
    "a.texts": strings(["x", "", "zz"]),
    "a.numbers": int32s([-1, 2]),
    "a.fractions": float32s([0.5, 0.1]),
    "a.empty": strings([]),
    "a.nothing": string(""),
}


def _reference(path: Path, tensors: list[TensorShape]) -> bytes:
    """The same file, written by the `gguf` package."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_string("a.text", "Überraschung")
    writer.add_uint32("a.number", 7)
    writer.add_bool("a.flag", True)
    writer.add_array("a.texts", ["x", "", "zz"])
    writer.add_array("a.numbers", [-1, 2])
    writer.add_array("a.fractions", [0.5, 0.1])
    for tensor in tensors:
        data = np.zeros((tensor.n_rows, tensor.row_bytes), np.uint8)
        shape = (*tensor.shape[:-1], tensor.row_bytes)
        writer.add_tensor(tensor.name, data.reshape(shape), raw_dtype=tensor.type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def test_a_plan_is_what_the_gguf_package_writes(tmp_path: Path) -> None:
    tensors = [
        TensorShape("one", (3, 5), _F32),
        TensorShape("two", (2, 4, 64), _Q4),
        TensorShape("three", (7,), _F32),
    ]
    plan = make_plan("x.gguf", encode_all(_VALUES), tensors)
    (file,) = plan.files
    expected = _reference(tmp_path / "x.gguf", tensors)
    assert file.n_bytes == len(expected)
    assert expected.startswith(file.header)
    reader = gguf.GGUFReader(tmp_path / "x.gguf")
    assert [planned.offset for planned in plan.tensors] == [
        tensor.data_offset for tensor in reader.tensors
    ]


def test_a_split_plan_keeps_to_the_size_and_names_its_parts(tmp_path: Path) -> None:
    tensors = [TensorShape(f"t{number}", (10, 8), _F32) for number in range(5)]  # 320 bytes each
    plan = make_plan("x.gguf", encode_all(_VALUES), tensors, split_bytes=700)
    assert [file.name for file in plan.files] == [f"x-0000{n}-of-00003.gguf" for n in (1, 2, 3)]
    assert [planned.file for planned in plan.tensors] == [0, 0, 1, 1, 2]
    for number, file in enumerate(plan.files):
        path = tmp_path / file.name
        path.write_bytes(file.header + bytes(file.n_bytes - len(file.header)))
        fields = gguf.GGUFReader(path).fields
        assert fields["split.no"].contents() == number
        assert fields["split.count"].contents() == 3
        assert fields["split.tensors.count"].contents() == 5
        assert ("a.number" in fields) == (number == 0)


def test_values_that_do_not_fit_their_type_are_refused() -> None:
    with pytest.raises(ValueError, match="no UINT32"):
        encode(uint32(-1))
    with pytest.raises(ValueError, match="no INT32"):
        encode(int32s([1, 1 << 40]))
    with pytest.raises(ValueError, match="no FLOAT32"):
        encode(TypedValue("x", gguf.GGUFValueType.FLOAT32))
