const TOKEN = 'tk_FjZTOcx14k4_Kg6RtUCikAPYc2KNjXIMkWQUvDSREFc';

fetch('https://app.notifer.io/my-topic', {
  method: 'POST',
  headers: {
    'X-Topic-Token': TOKEN,
    'X-Title': 'CI/CD',
    'Content-Type': 'text/plain'
  },
  body: 'Build completed'
});
