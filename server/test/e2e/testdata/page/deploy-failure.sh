curl -d "Deployment to production failed ❌" \
  -H "X-Topic-Token: ${{ secrets.NOTIFER_TOPIC_TOKEN }}" \
  -H "X-Title: Deploy Failed" \
  -H "X-Priority: 5" \
  -H "X-Tags: ci,deploy,error" \
  https://app.notifer.io/deployments
