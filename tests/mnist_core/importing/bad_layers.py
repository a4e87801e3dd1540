"""Makers of files whose layer list is no network of ours: see `bad_models`."""

import json
from collections.abc import Callable
from typing import Any

from tests.mnist_core.importing.bad_models import Good, bad, members, pack


def with_config(good: Good, change: Callable[[dict], None]) -> bytes:
    parts = members(good)
    config = json.loads(parts["config.json"])
    change(config)
    return pack(parts | {"config.json": json.dumps(config).encode()})


def with_layer(good: Good, number: int, **settings: Any) -> bytes:
    """number: in the list, where 0 is the input."""
    return with_config(good, lambda c: c["config"]["layers"][number]["config"].update(settings))


def insert(good: Good, layer: dict, at: int = 2) -> bytes:
    return with_config(good, lambda config: config["config"]["layers"].insert(at, layer))


@bad("this one has too many")
def deep_json(good: Good) -> bytes:
    deep = b'{"config":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    return pack(members(good) | {"config.json": deep})


@bad("in a .keras file config.json may unpack to 1,048,576 bytes")
def huge_json(good: Good) -> bytes:
    return pack(members(good) | {"config.json": b"[" + b"1," * 2**20 + b"1]"})


@bad("NaN is not a number that JSON knows")
def json_with_nan(good: Good) -> bytes:
    return with_layer(good, 1, filters=float("nan"))


@bad("must be valid JSON")
def broken_json(good: Good) -> bytes:
    return pack(members(good) | {"config.json": b"{'a': 1"})


@bad("must be valid JSON")
def endless_number(good: Good) -> bytes:
    return pack(members(good) | {"config.json": b'{"a": ' + b"9" * 100_000 + b"}"})


@bad("must be a JSON object")
def json_list(good: Good) -> bytes:
    return pack(members(good) | {"config.json": b"[1, 2]"})


@bad("must be one of Conv2D, ")
def lambda_layer(good: Good) -> bytes:
    code = {"class_name": "__lambda__", "config": {"value": "4wEAAAAAAAAAAAAAAAEAAAA="}}
    layer = {"module": "keras.layers", "class_name": "Lambda", "registered_name": None}
    return insert(good, layer | {"config": {"name": "lambda", "function": code}})


@bad("must be one of Conv2D, ")
def layer_that_opens_files(good: Good) -> bytes:
    layer = {"module": "keras.layers", "class_name": "TFSMLayer", "registered_name": None}
    return insert(good, layer | {"config": {"name": "x", "filepath": "/etc"}})


@bad("must be of a class in Keras")
def custom_object(good: Good) -> bytes:
    layer = {"module": "os", "class_name": "system", "registered_name": "system"}
    return insert(good, layer | {"config": {"name": "x", "command": "true"}})


@bad("it comes from 'evil>Conv2D'")
def registered_elsewhere(good: Good) -> bytes:
    def change(config: dict) -> None:
        config["config"]["layers"][1]["registered_name"] = "evil>Conv2D"

    return with_config(good, change)


@bad("its activation must be one of relu")
def custom_activation(good: Good) -> bytes:
    custom = {"module": "builtins", "class_name": "function", "config": "my_activation"}
    return with_layer(good, 1, activation=custom)


ANOTHERS_RELU = {"module": "evil", "class_name": "ReLU", "registered_name": "evil>ReLU"}


@bad("its activation ReLU must be of a class in Keras")
def activation_of_others(good: Good) -> bytes:
    return with_layer(good, 1, activation=ANOTHERS_RELU | {"config": {}})


@bad("its activation ReLU must be of a class in Keras")
def activation_layer_of_others(good: Good) -> bytes:
    layer = {"module": "keras.layers", "class_name": "Activation", "registered_name": None}
    return insert(good, layer | {"config": {"name": "a", "activation": ANOTHERS_RELU}})


@bad("must be an image of 28, 28, 1")
def wrong_input_shape(good: Good) -> bytes:
    return with_layer(good, 0, batch_shape=[None, 32, 32, 3])


@bad("received Dense(7, softmax)")
def seven_classes(good: Good) -> bytes:
    return with_layer(good, -1, units=7)


@bad("units must be less than or equal to 4096; received 1000000000")
def a_billion_units(good: Good) -> bytes:
    return with_layer(good, -2, units=10**9)


@bad("filters must be")
def odd_filters(good: Good) -> bytes:
    return with_layer(good, 1, filters={"a": 1})


@bad("groups must be 1")
def grouped_convolution(good: Good) -> bytes:
    return with_layer(good, 1, groups=2)


@bad("dilation_rate must be")
def dilated_convolution(good: Good) -> bytes:
    return with_layer(good, 1, dilation_rate=[2, 2])


@bad("data_format must be channels_last")
def channels_first(good: Good) -> bytes:
    return with_layer(good, 1, data_format="channels_first")


@bad("kernel_size must be the same in both directions")
def oblong_kernel(good: Good) -> bytes:
    return with_layer(good, 1, kernel_size=[3, 5])


@bad("'[click]?http:?evil.com) ?[x]?http:?e.com/a.png)': build it within these limits")
def links_in_a_setting(good: Good) -> bytes:
    return with_layer(good, 1, padding="[click](http://evil.com) ![x](http://e.com/a.png)")


@bad("'?material/home: www?evil.com ?it? ?bold? ?smile: ?b>'")
def other_markup(good: Good) -> bytes:
    return with_layer(good, 1, padding=":material/home: www.evil.com _it_ __bold__ :smile: <b>")


@bad("units must be a whole number; received '4'")
def units_in_words(good: Good) -> bytes:
    return with_layer(good, -2, units="4")


@bad("filters must be a whole number; received 2.0")
def broken_filters(good: Good) -> bytes:
    return with_layer(good, 1, filters=2.0)


@bad("strides must be a whole number; received True")
def true_strides(good: Good) -> bytes:
    return with_layer(good, 1, strides=[True, True])


@bad("must list 1 to 250 layers; received 5000")
def thousands_of_layers(good: Good) -> bytes:
    layer = {"class_name": "Dropout", "config": {"name": "d", "rate": 0.1}}
    return with_config(good, lambda config: config["config"].update(layers=[layer] * 5000))


@bad("ten probabilities as output")
def two_outputs(good: Good) -> bytes:
    def change(config: dict) -> None:
        config["class_name"] = "Functional"
        config["config"]["input_layers"] = ["input_layer", 0, 0]
        config["config"]["output_layers"] = [["dense_1", 0, 0], ["dense", 0, 0]]

    return with_config(good, change)


@bad("must be Sequential or Functional")
def subclassed_model(good: Good) -> bytes:
    return with_config(good, lambda config: config.update(class_name="MyModel"))


@bad("must have a class and its settings")
def layers_of_nothing(good: Good) -> bytes:
    return with_config(good, lambda config: config["config"].update(layers=[None, 1, "a"]))
