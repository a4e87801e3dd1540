# The app, a scheduler or a worker: one image, the command says which. See compose.yaml.
FROM python:3.11-slim

# A fixed number, for whoever gives this user a folder of the host as runs/.
RUN useradd --create-home --uid 10001 app
WORKDIR /home/app/mnist

# Before the sources: a change in them installs nothing anew. On x86-64 there is a TensorFlow
# without its parts for graphics cards: half the download, and 0.6 GB less in the image.
COPY pyproject.toml hatch_build.py requirements.txt README.md LICENSE ./
RUN if [ "$(uname -m)" = x86_64 ]; then \
        sed -i 's/"tensorflow~/"tensorflow-cpu~/' pyproject.toml \
        && sed -i 's/^tensorflow==/tensorflow-cpu==/' requirements.txt; \
    fi \
    && mkdir mnist_core ui && touch mnist_core/__init__.py ui/__init__.py \
    && pip install --no-cache-dir -r requirements.txt

# All of it stays root's, but runs/: that is where SQLite goes, where no other database is named.
COPY . ./
RUN python -m compileall -q app.py mnist_core pages ui && mkdir -p runs && chown app:app runs
VOLUME /home/app/mnist/runs
USER 10001
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1

# Set MNIST_HOSTED=1 where strangers come: each gets a workspace, and the limits count.
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=3)"]
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.headless=true"]
