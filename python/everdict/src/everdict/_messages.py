"""The messages of proto/everdict/v1/dicts.proto, as classes of whichever protobuf is installed.

They live in a pool of their own: nothing that Modal or another package registers can clash with them.
"""

from types import SimpleNamespace

from google.protobuf import descriptor_pool, message_factory

from ._dicts_proto import DESCRIPTOR

_pool = descriptor_pool.DescriptorPool()
_pool.AddSerializedFile(DESCRIPTOR)
_file = _pool.FindFileByName("everdict/v1/dicts.proto")

if hasattr(message_factory, "GetMessageClass"):
    _class_of = message_factory.GetMessageClass
else:  # protobuf before 4.22
    _class_of = message_factory.MessageFactory(_pool).GetPrototype

#: Every message by its name.
messages = SimpleNamespace(**{name: _class_of(each) for name, each in _file.message_types_by_name.items()})

#: Request and answer of every method, by its name.
methods = {
    method.name: (_class_of(method.input_type), _class_of(method.output_type))
    for method in _file.services_by_name["Dicts"].methods
}
