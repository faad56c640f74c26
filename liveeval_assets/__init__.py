"""liveeval: does our eval still tell the truth about production?"""
