# SPDX-License-Identifier: GPL-3.0-or-later
"""The vectors to predict from, as Pydantic checks them."""

from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from computing import FEATURES
from exchange import Refusal, from_json
from workloads import refuse_scalar

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Vector = Annotated[list[Number], Field(min_length=FEATURES, max_length=FEATURES)]
BATCH = TypeAdapter(Annotated[list[Vector], Field(min_length=1, max_length=4096)])
VECTOR = TypeAdapter(Vector)


def read_vectors(body):
    form = refuse_scalar(from_json(body))
    if ('features' in form) == ('batch' in form):
        raise Refusal(400, 'the body must have either features or batch')
    if 'features' in form:
        try:
            return [VECTOR.validate_python(form['features'])]
        except ValidationError:
            raise Refusal(400, 'features must be a list of 128 numbers') from None
    try:
        return BATCH.validate_python(form['batch'])
    except ValidationError:
        raise Refusal(400, 'batch must be a list of 1 to 4096 lists of 128 numbers') from None
