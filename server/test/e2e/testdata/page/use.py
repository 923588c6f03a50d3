import requests

TOKEN = "tk_FjZTOcx14k4_Kg6RtUCikAPYc2KNjXIMkWQUvDSREFc"

response = requests.post(
    "https://app.notifer.io/my-topic",
    data="Build completed",
    headers={
        "X-Topic-Token": TOKEN,
        "X-Title": "CI/CD",
        "X-Priority": "3"
    }
)
