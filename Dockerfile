# The app, a scheduler or a worker: one image, the command says which. See compose.yaml.
FROM python:3.11-slim

RUN useradd --create-home app
WORKDIR /home/app/mnist
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY . ./
# runs/ is where SQLite goes, where no other database is named.
RUN mkdir -p runs && chown app:app runs
USER app
ENV PYTHONUNBUFFERED=1

EXPOSE 8501
HEALTHCHECK --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=3)"]
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.headless=true"]
