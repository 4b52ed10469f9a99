# The steps of README.md on a bare Debian, and nothing else (a test compares the two).
#   docker build -t dreamer_tf . && docker run -it -v "$PWD/logdir:/dreamer_tf/logdir" dreamer_tf
FROM debian:12
WORKDIR /dreamer_tf
RUN apt-get update && apt-get install -y git make python3-venv
COPY . .
RUN make setup
CMD ["make", "train"]
