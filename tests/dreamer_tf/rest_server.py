"""TensorFlow Serving's REST interface on an exported model, as far as predicting goes.

The format is that of tensorflow.org/tfx/serving/api_rest; the model is loaded from numeric version
folders with plain TensorFlow.
"""
import contextlib
import http.server
import json
import pathlib
import re
import threading

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import types_pb2


class Models:
    """The versions of one model; an unnumbered request is for the newest."""

    def __init__(self, base: pathlib.Path):
        self.versions = {int(path.name): tf.saved_model.load(str(path))
                         for path in base.iterdir() if path.name.isdecimal()}

    def metadata(self, version):
        signatures = {}
        for name, function in self._get(version).signatures.items():
            signatures[name] = {
                "inputs": {x.name: _info(x)
                           for x in function.structured_input_signature[1].values()},
                "outputs": {key: _info(x) for key, x in function.structured_outputs.items()},
            }
        return {"metadata": {"signature_def": {"signature_def": signatures}}}

    def predict(self, version, request):
        function = self._get(version).signatures[
            request.get("signature_name", "serving_default")]
        specs = function.structured_input_signature[1]
        rows = request.get("instances")
        columns = request.get("inputs") or {key: [row[key] for row in rows] for key in rows[0]}
        if set(columns) != set(specs):
            raise ValueError(f"inputs {sorted(columns)}, signature has {sorted(specs)}")
        values = {}
        for key, spec in specs.items():
            array = np.asarray(columns[key])
            if not spec.shape.is_compatible_with(array.shape):
                raise ValueError(f"{key}: shape {array.shape} is not {spec.shape}")
            values[key] = tf.constant(array.astype(spec.dtype.as_numpy_dtype))
        outputs = {key: value.numpy().tolist() for key, value in function(**values).items()}
        if rows is None:
            return {"outputs": outputs}
        return {"predictions": [{key: column[i] for key, column in outputs.items()}
                                for i in range(len(rows))]}

    def _get(self, version):
        return self.versions[version or max(self.versions)]


def _info(spec):
    sizes = [{"size": str(-1 if size is None else size)} for size in spec.shape]
    dtype = types_pb2.DataType.Name(spec.dtype.as_datatype_enum)
    return {"dtype": dtype, "tensor_shape": {"dim": sizes}}


@contextlib.contextmanager
def serve(name: str, base: pathlib.Path):
    """Serves the versions in `base` as a model; gives the model's URL."""
    models = Models(base)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self._answer("/metadata", lambda version: models.metadata(version))

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(":predict", lambda version: models.predict(version, body))

        def _answer(self, verb, make):
            match = re.fullmatch(rf"/v1/models/{name}(?:/versions/(\d+))?{verb}", self.path)
            try:
                code, answer = 200, make(int(match[1] or 0))
            except Exception as error:
                code, answer = 400 if match else 404, {"error": str(error)}
            data = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/models/{name}"
    finally:
        server.shutdown()
        server.server_close()
