curl -d "Deployment to production succeeded ✅" \
  -H "X-Topic-Token: ${{ secrets.NOTIFER_TOPIC_TOKEN }}" \
  -H "X-Title: Deploy Success" \
  -H "X-Priority: 3" \
  -H "X-Tags: ci,deploy,success" \
  https://app.notifer.io/deployments
