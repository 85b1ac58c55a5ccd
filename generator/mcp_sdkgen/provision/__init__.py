"""SDKs that a run needs: installed and matching, or built and cached."""
