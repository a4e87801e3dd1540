"""What several pages share: state, caches, controls, charts. Streamlit lives here and above."""
