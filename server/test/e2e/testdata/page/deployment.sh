curl -d "Deploy completed" \
  -H "X-Topic-Token: ${{ secrets.NOTIFER_TOPIC_TOKEN }}" \
  -H "X-Title: Deployment" \
  https://app.notifer.io/deployments
