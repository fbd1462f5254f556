"""Where animated frames go beside the page: overlay, virtual camera, recordings, snapshots."""
